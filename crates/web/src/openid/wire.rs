//! The way to the provider: what the binary has to give, and what the library wants.

use std::fmt::Debug;
use std::pin::Pin;

use async_trait::async_trait;
use axum::http::{Request, Response};
use openidconnect::AsyncHttpClient;

/// Carries requests to the provider. It follows no redirects, and bounds time and size.
#[async_trait]
pub trait ToProvider: Send + Sync + Debug {
    /// Sends a request and returns the answer, whatever its status.
    async fn carry(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, NotCarried>;
}

/// Why there is no answer, in words without a full stop and without a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotCarried(pub String);

/// The way to the provider, as the library wants it.
#[derive(Debug)]
pub(super) struct Wire(pub(super) Box<dyn ToProvider>);

impl<'c> AsyncHttpClient<'c> for Wire {
    type Error = NotCarried;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, NotCarried>> + Send + 'c>>;

    fn call(&'c self, request: Request<Vec<u8>>) -> Self::Future {
        Box::pin(async move {
            let answer = self.0.carry(request).await?;
            // What fails there is nobody's failure here.
            if answer.status().is_server_error() {
                return Err(NotCarried(format!("it answers {}", answer.status().as_u16())));
            }
            Ok(answer)
        })
    }
}

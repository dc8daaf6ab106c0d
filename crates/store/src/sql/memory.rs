//! SQLite in memory: one connection, one transaction at a time, and an order of events that depends on nothing else.
//!
//! The driver answers from a thread of its own. Whoever is woken by it goes on when that thread was ready, and the same
//! work is done in another order the next time. So a call on this database *blocks* until it is answered, and whoever
//! else wants to go on does so where a transaction begins, which yields once. That is for tests and simulation: two
//! runs of the same work take the same steps.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::executor::block_on;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteOwnedBuf};
use sqlx::{Connection as _, Error, Executor as _};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// A database that is gone when it is dropped.
#[derive(Clone)]
pub(crate) struct Memory {
    connection: Arc<Mutex<SqliteConnection>>,
}

/// Everything in a database, as it was at one instant: a backup.
pub struct Image {
    bytes: Vec<u8>,
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({} bytes)", self.bytes.len())
    }
}

impl Memory {
    pub(super) fn open(options: &SqliteConnectOptions) -> Result<Self, Error> {
        let connection = block_on(SqliteConnection::connect_with(options))?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    pub(super) async fn begin(&self, statement: &'static str) -> Result<MemoryTx, Error> {
        let mut connection = self.turn().await;
        block_on(connection.execute(statement))?;
        Ok(MemoryTx { connection, is_open: true })
    }

    pub(super) async fn image(&self) -> Result<Image, Error> {
        let mut connection = self.turn().await;
        let bytes = block_on(connection.serialize(None))?;
        Ok(Image { bytes: bytes.as_ref().to_vec() })
    }

    pub(super) async fn restore(&self, image: &Image) -> Result<(), Error> {
        let mut connection = self.turn().await;
        let bytes = SqliteOwnedBuf::try_from(image.bytes.as_slice())?;
        block_on(connection.deserialize(None, bytes, false))
    }

    async fn turn(&self) -> OwnedMutexGuard<SqliteConnection> {
        yield_once().await;
        Arc::clone(&self.connection).lock_owned().await
    }
}

/// A transaction. Dropping it undecided rolls it back.
pub(super) struct MemoryTx {
    connection: OwnedMutexGuard<SqliteConnection>,
    is_open: bool,
}

impl MemoryTx {
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    pub(super) fn commit(mut self) -> Result<(), Error> {
        self.is_open = false;
        block_on(self.connection.execute("COMMIT")).map(drop)
    }

    pub(super) fn rollback(mut self) -> Result<(), Error> {
        self.undo()
    }

    fn undo(&mut self) -> Result<(), Error> {
        self.is_open = false;
        block_on(self.connection.execute("ROLLBACK")).map(drop)
    }
}

impl Drop for MemoryTx {
    fn drop(&mut self) {
        if self.is_open
            && let Err(error) = self.undo()
        {
            tracing::error!(%error, "failed to roll back in memory");
        }
    }
}

/// Waits for an answer of the driver: by blocking, where the order of events must not depend on its thread.
pub(super) async fn answered<T>(blocks: bool, call: impl Future<Output = T>) -> T {
    if blocks { block_on(pin!(call)) } else { call.await }
}

/// Lets whoever else is ready go first.
async fn yield_once() {
    let mut has_yielded = false;
    std::future::poll_fn(|context: &mut Context<'_>| {
        if has_yielded {
            return Poll::Ready(());
        }
        has_yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

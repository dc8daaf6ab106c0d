//! Serves an emulator until told to stop.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use usher_emulator::clock::Clock as _;
use usher_emulator::exchange::{Outcome, Request};
use usher_emulator::server::Listening;

use crate::context::Context;
use crate::failure::Failure;
use crate::signals::Signals;
use crate::system::SystemClock;

/// How long answers that are under way at the end are waited for.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

/// Takes a port of the loopback interface.
pub(crate) async fn listen(port: u16) -> Result<Listening, Failure> {
    Listening::on(port).await.map_err(|error| {
        Failure::new(format!("cannot listen on 127.0.0.1:{port}: {error}; choose another --port"))
    })
}

/// Says that the last line of a state file was cut.
pub(crate) fn note_cut_line(context: &Context, file: &std::path::Path, cut_line: Option<u64>) {
    if let Some(line) = cut_line {
        context.output.note(&format!(
            "{} line {line} was cut when it was written, and is left out: nobody was answered for it",
            file.display()
        ));
    }
}

/// Serves until a signal comes, or the state file is lost, which is the error; `beside` goes on meanwhile.
pub(crate) async fn until_stopped<A, F>(
    listening: Listening,
    answer: A,
    lost: impl Future<Output = Failure>,
    beside: impl AsyncFnOnce(CancellationToken),
    signals: &mut Signals,
) -> Result<(), Failure>
where
    A: Fn(Request) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Outcome> + Send + 'static,
{
    let stop = CancellationToken::new();
    let served = listening.serve(answer, stop.clone());
    tokio::pin!(served, lost);
    tokio::select! {
        ended = &mut served => return Ok(ended?),
        lost = &mut lost => return Err(lost),
        () = beside(stop.clone()) => stop.cancel(),
        () = signals.next() => stop.cancel(),
    }
    // A client may have left a request half sent, or a slow answer be under way: neither keeps the process.
    tokio::select! {
        ended = &mut served => ended?,
        lost = &mut lost => return Err(lost),
        () = SystemClock.sleep_until(SystemClock.now() + GRACE) => {}
        () = signals.next() => {}
    }
    Ok(())
}

//! A client that hangs up: the server drops what it was doing, wherever that was.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// Goes on until the future has waited this many times, and drops it then. Something, if it was done before.
pub async fn hang_up_at<F: Future>(wait: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(Some(future));
    let mut waits = 0;
    poll_fn(|context| {
        let Some(running) = future.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        match running.poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if waits + 1 == wait => {
                future.set(None);
                Poll::Ready(None)
            }
            Poll::Pending => {
                waits += 1;
                Poll::Pending
            }
        }
    })
    .await
}

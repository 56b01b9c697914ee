//! A connection whose every move is seen by its watch.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::pace::Pace;

/// Knows when to let go.
#[derive(Debug)]
pub struct Watch {
    pace: Mutex<Pace>,
    /// The deadline may be an earlier one.
    changed: Notify,
}

/// A request that is being answered, until its answer was handed over.
#[derive(Debug)]
pub struct Answering(Arc<Watch>);

impl Watch {
    pub fn new(pace: Pace) -> Self {
        Self { pace: Mutex::new(pace), changed: Notify::new() }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The head of a request is there.
    pub fn begin(self: &Arc<Self>) -> Answering {
        self.pace().begin();
        Answering(self.clone())
    }

    /// Ends when the client kept us waiting for too long.
    pub async fn overdue(&self) {
        loop {
            let deadline = self.pace().deadline();
            match deadline {
                Some(deadline) if deadline <= Instant::now() => return,
                Some(deadline) => tokio::select! {
                    () = sleep_until(deadline) => {}
                    () = self.changed.notified() => {}
                },
                None => self.changed.notified().await,
            }
        }
    }

    fn read(&self) {
        if self.pace().read(Instant::now()) {
            self.changed.notify_one();
        }
    }

    fn wrote(&self, done: &Poll<io::Result<usize>>) {
        match done {
            Poll::Ready(Ok(bytes)) => self.pace().writing().moved(Instant::now(), *bytes),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                if self.pace().writing().wait(Instant::now()) {
                    self.changed.notify_one();
                }
            }
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.pace().end(Instant::now());
        self.0.changed.notify_one();
    }
}

#[derive(Debug)]
pub struct Watched<S> {
    stream: S,
    watch: Arc<Watch>,
}

impl<S> Watched<S> {
    pub fn new(stream: S, watch: Arc<Watch>) -> Self {
        Self { stream, watch }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let done = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.watch.read();
        }
        done
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.watch.wrote(&done);
        done
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.watch.wrote(&done);
        done
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

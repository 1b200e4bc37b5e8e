//! A stream that fails when nothing moves on it for too long, neither in nor out, or when what is to go out is taken too slowly. Knows
//! no protocol.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::busy::Busy;
use super::pace::{Pace, Waiting};

pub struct IdleTimeout<S> {
    stream: S,
    limit: Duration,
    alarm: Pin<Box<Sleep>>,
    waiting: Waiting,
    busy: Busy,
}

impl<S> IdleTimeout<S> {
    pub fn new(stream: S, limit: Duration, pace: Pace, busy: Busy) -> Self {
        Self { stream, limit, alarm: Box::pin(sleep(limit)), waiting: Waiting::new(pace), busy }
    }

    /// Passes on what is ready and sets the alarm anew; while nothing is, lets the alarm ring.
    fn watch<T>(&mut self, cx: &mut Context<'_>, moved: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if moved.is_ready() {
            self.alarm.as_mut().reset(Instant::now() + self.limit);
            return moved;
        }
        while self.alarm.as_mut().poll(cx).is_ready() {
            if !self.waiting.is_on() && !self.busy.is_on() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            // Whoever has a break in the middle of an answer is not silent: the pace says how long it may be. Nor is he while he
            // waits for us: the way that he came in by says how long.
            self.alarm.as_mut().reset(Instant::now() + self.limit);
        }
        Poll::Pending
    }

    /// The same of what goes out: whoever takes a byte now and then moves, but not on.
    fn watch_out(&mut self, cx: &mut Context<'_>, moved: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &moved {
            Poll::Ready(taken) => self.waiting.took(taken.as_ref().copied().unwrap_or_default()),
            Poll::Pending if self.waiting.is_too_long(cx) => return Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => {}
        }
        self.watch(cx, moved)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for IdleTimeout<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let moved = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.watch(cx, moved)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for IdleTimeout<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.watch_out(cx, moved)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Flushing a socket is always ready and moves nothing, so it must not reset the alarm.
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.watch_out(cx, moved)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const LIMIT: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn a_stream_on_which_nothing_moves_fails_and_a_slow_one_does_not() {
        let (mut near, far) = tokio::io::duplex(16);
        let mut far = IdleTimeout::new(far, LIMIT, Pace { least: 1, window: LIMIT }, Busy::default());
        for _ in 0..4 {
            tokio::time::sleep(Duration::from_millis(80)).await;
            near.write_all(b"x").await.unwrap();
            far.read_u8().await.unwrap();
        }
        assert_eq!(far.read_u8().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn whoever_takes_too_little_while_bytes_wait_for_him_is_given_up_and_whoever_takes_enough_is_not() {
        for (least, is_given_up) in [(1, false), (1_000, true)] {
            let (mut near, far) = tokio::io::duplex(16);
            let mut far = IdleTimeout::new(far, 10 * LIMIT, Pace { least, window: LIMIT }, Busy::default());
            let reading = tokio::spawn(async move {
                while near.read_u8().await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            });
            let written = far.write_all(&[7; 100]).await;
            assert_eq!(written.is_err_and(|error| error.kind() == io::ErrorKind::TimedOut), is_given_up, "{least}");
            reading.abort();
        }
    }

    #[tokio::test]
    async fn a_break_in_the_middle_of_an_answer_is_as_long_as_the_pace_allows() {
        for (window, is_given_up) in [(20 * LIMIT, false), (2 * LIMIT, true)] {
            let (mut near, far) = tokio::io::duplex(16);
            let mut far = IdleTimeout::new(far, LIMIT, Pace { least: 1, window }, Busy::default());
            let reading = tokio::spawn(async move {
                tokio::time::sleep(5 * LIMIT).await;
                near.read_exact(&mut [0; 100]).await
            });
            assert_eq!(far.write_all(&[7; 100]).await.is_err(), is_given_up, "{window:?}");
            reading.abort();
        }
    }

    #[tokio::test]
    async fn whoever_took_enough_at_first_is_not_waited_for_longer_than_anybody() {
        let (mut near, far) = tokio::io::duplex(16);
        let mut far = IdleTimeout::new(far, LIMIT, Pace { least: 10, window: 5 * LIMIT }, Busy::default());
        let began = Instant::now();
        let (_, written) = tokio::join!(
            async {
                tokio::time::sleep(LIMIT / 2).await;
                near.read_exact(&mut [0; 30]).await.unwrap();
            },
            far.write_all(&[7; 100])
        );
        assert!(written.is_err() && began.elapsed() < 8 * LIMIT, "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn time_in_which_nothing_waits_does_not_count() {
        let (mut near, far) = tokio::io::duplex(16);
        let mut far = IdleTimeout::new(far, 10 * LIMIT, Pace { least: 1_000, window: LIMIT }, Busy::default());
        for _ in 0..5 {
            far.write_all(&[7; 10]).await.unwrap();
            near.read_exact(&mut [0; 10]).await.unwrap();
            tokio::time::sleep(LIMIT / 2).await;
        }
    }
}

//! Whether a request of a connection is being answered: from when all of it is here until its answer begins, nothing moves because we
//! work. Knows no stream; how long we may work is not said here.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::{Error, Request};

#[derive(Debug, Clone, Default)]
pub struct Busy(Arc<AtomicBool>);

/// On one request, until it is dropped, also where the answer is given up.
pub struct Work(Busy);

impl Busy {
    /// The request as it goes on from here, which says when all of it is here.
    pub fn with(&self, request: Request<Incoming>) -> (Arc<Work>, Request<Coming>) {
        let work = Arc::new(Work(self.clone()));
        let request = request.map(|body| Coming { body, work: Arc::downgrade(&work) });
        request.body().tell(false);
        (work, request)
    }

    pub fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn is(&self, on: bool) {
        self.0.store(on, Ordering::Relaxed);
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.0.is(false);
    }
}

/// A body on its way in. Whoever stops in the middle of it lets us wait, and not we him.
pub struct Coming {
    body: Incoming,
    work: Weak<Work>,
}

impl Coming {
    /// A body that comes in chunks knows its end only when it `has_ended`.
    fn tell(&self, has_ended: bool) {
        if (has_ended || self.body.is_end_stream())
            && let Some(work) = self.work.upgrade()
        {
            work.0.is(true);
        }
    }
}

impl Body for Coming {
    type Data = <Incoming as Body>::Data;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        self.tell(matches!(frame, Poll::Ready(None)));
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

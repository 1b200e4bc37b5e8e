//! Where this device is, with how well it knows. Nobody waits for it: a report without a position is a report.

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Position, PositionError, PositionOptions};
use xiaohao_shared::model::{Fix, FixSource};
use xiaohao_shared::time::Timestamp;

use crate::browser;
use crate::client::PlaceError;

/// Milliseconds after which the browser should give up.
const PATIENCE: u32 = 15_000;
/// Some shells never call back at all.
const OUR_PATIENCE: i64 = 18_000;
/// A position of the last half minute is good enough for a walker.
const MAX_AGE: u32 = 30_000;

pub async fn position(now: Timestamp) -> Result<Fix, PlaceError> {
    let asked = std::pin::pin!(ask(now));
    let patience = std::pin::pin!(browser::sleep(OUR_PATIENCE));
    match select(asked, patience).await {
        Either::Left((found, _)) => found,
        Either::Right(_) => Err(PlaceError::TooSlow),
    }
}

async fn ask(now: Timestamp) -> Result<Fix, PlaceError> {
    let window = web_sys::window().ok_or(PlaceError::Unavailable)?;
    let geolocation = window.navigator().geolocation().map_err(|_| PlaceError::Unavailable)?;
    let (found, wait) = oneshot::channel();
    let found = std::rc::Rc::new(std::cell::RefCell::new(Some(found)));
    let failed = found.clone();
    let success = Closure::<dyn FnMut(Position)>::new(move |position: Position| {
        let _ = found.borrow_mut().take().map(|found| found.send(Ok(fix(&position, now))));
    });
    let failure = Closure::<dyn FnMut(PositionError)>::new(move |error: PositionError| {
        let _ = failed.borrow_mut().take().map(|failed| failed.send(Err(why(&error))));
    });
    let options = PositionOptions::new();
    options.set_enable_high_accuracy(true);
    options.set_timeout(PATIENCE);
    options.set_maximum_age(MAX_AGE);
    let (success_fn, failure_fn) = (success.as_ref().unchecked_ref(), failure.as_ref().unchecked_ref());
    geolocation
        .get_current_position_with_error_callback_and_options(success_fn, Some(failure_fn), &options)
        .map_err(|_| PlaceError::Unavailable)?;
    wait.await.unwrap_or(Err(PlaceError::Unavailable))
}

fn fix(position: &Position, now: Timestamp) -> Fix {
    let at = position.coords();
    Fix {
        lat: at.latitude(),
        lon: at.longitude(),
        accuracy_m: at.accuracy(),
        datum: "wgs84".into(),
        source: FixSource::Gps,
        fixed_at: now,
    }
}

fn why(error: &PositionError) -> PlaceError {
    match error.code() {
        PositionError::PERMISSION_DENIED => PlaceError::Denied,
        PositionError::TIMEOUT => PlaceError::TooSlow,
        _ => PlaceError::Unavailable,
    }
}

//! What the office lets a device do only while the person himself is there: he is asked for his passkey, and the call is made
//! again. Knows nothing of how he is asked.

use futures_channel::oneshot;
use leptos::prelude::Set;
use web_sys::AbortController;
use xiaohao_shared::api::ProblemKind;
use xiaohao_shared::api::passkeys::{Assertion, Challenge, Confirmed};

use super::{CallError, Client};
use crate::net::{Answer, Call};

impl Client {
    /// Where he says no, the first answer stands. Not generic: each kind of answer would carry all of this once more.
    pub(super) async fn sure(self, call: Call<'_>, controller: Option<&AbortController>) -> Result<Answer, CallError> {
        let net = self.behind().net().ok_or(CallError::Offline)?;
        loop {
            let answer = match controller {
                Some(controller) => net.call_until(call, controller).await,
                None => net.call(call).await,
            };
            match answer.map_err(CallError::from) {
                Err(error) if self.confirmed_after(&error).await => {}
                other => return other,
            }
        }
    }

    /// Whether this was only a question for the passkey, and he has shown it now.
    pub(super) async fn confirmed_after(self, error: &CallError) -> bool {
        let asked = matches!(error, CallError::Problem(problem) if problem.kind == ProblemKind::ConfirmFirst);
        if !asked {
            return false;
        }
        let (answer, wait) = oneshot::channel();
        // Several calls at once are one question.
        self.behind().waiting.borrow_mut().push(answer);
        self.confirming.set(true);
        wait.await.unwrap_or(false)
    }

    pub async fn begin_confirming(self) -> Result<Challenge, CallError> {
        self.post("/api/confirm/begin", &()).await
    }

    pub async fn confirm(self, shown: &Assertion) -> Result<(), CallError> {
        self.post::<_, Confirmed>("/api/confirm", shown).await?;
        self.passkey_is_here(shown.credential.clone()).await;
        self.answer_waiting(true);
        Ok(())
    }

    /// Goes on with what waited, or lets it be.
    pub fn answer_waiting(self, confirmed: bool) {
        self.confirming.set(false);
        for waiting in self.behind().waiting.take() {
            let _ = waiting.send(confirmed);
        }
    }
}

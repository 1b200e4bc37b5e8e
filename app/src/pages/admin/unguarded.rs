//! Says to an administrator who has no passkey what whoever holds this device can do in his name unasked; or that the office refuses
//! it to him, where it insists. Stands until he has one.

use leptos::prelude::*;
use xiaohao_shared::api::PersonDetail;
use xiaohao_shared::api::passkeys::Passkeys;
use xiaohao_shared::model::Person;
use xiaohao_shared::model::policy::{Asker, Right, Sure, may};

use crate::components::Ui;
use crate::components::lean::{given, maybe, nothing};
use crate::components::link::link;
use crate::pages::fetched::Fetched;
use crate::texts::Texts;

/// `people` are those of the office, with their passkeys; that one is asked for elsewhere, too.
pub fn unguarded(ui: Ui, people: RwSignal<Option<Vec<PersonDetail>>>) -> AnyView {
    let Some(me) = ui.me() else { return nothing() };
    let acts = acts(ui.t, &me);
    if acts.is_empty() {
        return nothing();
    }
    let found = Fetched::<Passkeys>::new();
    found.ask(ui, "/api/passkeys".into());
    let holds_none = move |one: &PersonDetail| one.person.id == me.id && one.passkeys.is_empty();
    maybe(move || {
        let bare = people.with(|people| people.iter().flatten().any(&holds_none));
        found.get().filter(|_| bare).map(|found| hint(ui, &found, &acts))
    })
}

/// What asks for a passkey and is open to this officer.
fn acts(t: &Texts, me: &Person) -> String {
    let his = |right: &&Right| matches!(right.grant().asker, Asker::Officer(_)) && may(me, **right);
    let fresh = Right::ALL.iter().filter(his).filter(|right| right.grant().sure == Sure::Fresh);
    fresh.map(|right| t.right(*right)).collect::<Vec<_>>().join(t.list_comma())
}

fn hint(ui: Ui, found: &Passkeys, acts: &str) -> AnyView {
    let t = ui.t;
    let words = match found {
        Passkeys { always: true, .. } => t.unguarded_refused,
        Passkeys { possible: false, .. } => t.unguarded_number,
        _ => t.unguarded,
    };
    let go =
        found.possible.then(|| link(ui, "/me".into(), "button plain", "to-passkeys".into(), t.unguarded_go.into_any()));
    // What it is about stands in sight, all that it concerns one tap away.
    let (first, rest) = words.split_once("{}").unwrap_or((words, ""));
    let first = first.trim_end_matches([':', '：', ' ']);
    view! {
        <div class="hint unguarded" role="note" data-testid="unguarded">
            <details class="more">
                <summary>{first}</summary>
                <p>{format!("{acts}{rest}")}</p>
            </details>
            {given(go)}
        </div>
    }
    .into_any()
}

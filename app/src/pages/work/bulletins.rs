//! 今日提示: what the office has to say, above my work until it was read or its time is over.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::Bulletin;

use crate::client::bulletins::Read;
use crate::components::Ui;
use crate::components::fields::button;
use crate::components::lean::{all, maybe};
use crate::texts::fill;

pub fn bulletins(ui: Ui) -> AnyView {
    let read = RwSignal::new(None::<Read>);
    spawn_local(async move {
        let known = ui.client.bulletins_read().await;
        let _ = read.try_set(Some(known));
    });
    maybe(move || {
        let (known, now) = (read.get()?, ui.now.get());
        let standing = ui.client.office.with(|office| office.as_ref().map(|office| office.bulletins.clone()));
        let waits = |bulletin: &Bulletin| bulletin.until > now && !known.contains(&bulletin.id);
        let waiting: Vec<Bulletin> = standing?.into_iter().filter(waits).collect();
        (!waiting.is_empty()).then(|| {
            let list = all(waiting.into_iter().map(|bulletin| one(ui, read, bulletin)));
            view! { <section class="bulletins" aria-label=ui.t.bulletins>{list}</section> }.into_any()
        })
    })
}

fn one(ui: Ui, read: RwSignal<Option<Read>>, bulletin: Bulletin) -> AnyView {
    let t = ui.t;
    let from =
        fill(t.bulletin_from, &[&ui.person(bulletin.made_by), &ui.when(bulletin.made_at), &ui.when(bulletin.until)]);
    let id = bulletin.id;
    let done = move || {
        read.update(|read| {
            read.get_or_insert_default().insert(id);
        });
        spawn_local(async move { ui.client.read_bulletin(id).await });
    };
    view! {
        <article class="bulletin" data-testid=format!("bulletin-{id}")>
            <h2>{t.bulletin}</h2>
            <p class="prose">{bulletin.text}</p>
            <p class="dim">{from}</p>
            {button("primary", "bulletin-read", t.bulletin_read, done)}
        </article>
    }
    .into_any()
}

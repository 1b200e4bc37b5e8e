//! A worker that finds a vault waits for a page that has the key: it holds nothing that could open it, and sends what lies outside
//! meanwhile. What is still to be brought into the vault, or out of it, it then brings beside its work.

use std::rc::Rc;

use futures_channel::mpsc::unbounded;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{BroadcastChannel, MessageEvent};

use super::keyless::Keyless;
use crate::messages::{FromWriter, Message, pack, unpack};
use crate::net::Net;
use crate::store::vault::{StoreKey, Vault};
use crate::store::{Store, StoreError};

/// Milliseconds between two questions for the key: the page that has it may begin to listen later.
const ASK: i64 = 1_000;

/// Where there is no vault, at once.
pub async fn open(store: &Store, net: &Rc<Net>, channel: &str) -> Result<(), StoreError> {
    let Some(vault) = store.vault().await? else { return Ok(()) };
    let mut keyless = Keyless::begin(store, net, channel).await?;
    let key = key_of(&vault, channel, &mut keyless).await?;
    keyless.end();
    store.open_vault(&key, !vault.leaving);
    if !store.is_swept().await? || vault.leaving {
        spawn_local(sweep(store.clone(), vault, channel.to_owned()));
    }
    Ok(())
}

/// Until somebody gives it, what lies outside goes its way.
async fn key_of(vault: &Vault, channel: &str, keyless: &mut Keyless) -> Result<StoreKey, StoreError> {
    let channel = BroadcastChannel::new(channel)?;
    let (given, mut keys) = unbounded();
    let mine = vault.salt.clone();
    let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(Message::Key { vault, key }) = unpack(&event.data())
            && vault == mine
        {
            let _ = given.unbounded_send(key);
        }
    });
    channel.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    loop {
        channel.post_message(&pack(&Message::NeedsKey))?;
        let turn = std::pin::pin!(keyless.turn(ASK));
        match select(keys.next(), turn).await {
            Either::Left((Some(key), _)) => {
                channel.close();
                return Ok(key);
            }
            Either::Left((None, _)) => {}
            Either::Right((turned, _)) => turned?,
        }
    }
}

/// Should it fail, it is tried again at the next start: what is not brought in or out reads as it is.
async fn sweep(store: Store, vault: Vault, channel: String) {
    if store.sweep().await.is_err() || !vault.leaving {
        return;
    }
    if store.drop_vault().await.is_ok()
        && let Ok(channel) = BroadcastChannel::new(&channel)
    {
        let _ = channel.post_message(&pack(&Message::FromWriter(FromWriter::Vault)));
        channel.close();
    }
}

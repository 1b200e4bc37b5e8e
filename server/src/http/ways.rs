//! The table of the ways in, each with the right that it serves. What is not here is not served, but for the built app. Knows neither how
//! a door is opened nor what is done behind it.

use xiaohao_shared::geo::geojson;
use xiaohao_shared::import::MAX_FILE;
use xiaohao_shared::model::policy::Right::*;
use xiaohao_shared::sync::{handover as parcels, wire};

use super::doors::Doors;
use super::doors::Verb::{Delete, Get, Head, Options, Patch, Post};
use super::{
    SMALL, admin, audit, board, bulletins, desk, enrol, events, export, handover, health, held, import, map, office,
    passkeys, patrols, photos, privacy, sync, tipsters, uploads, views,
};

/// A piece of an upload; each is signed for itself and counts only when whole.
const PIECE: usize = 1024 * 1024;
/// A page of the sync, compressed.
const PAGE: usize = wire::MAX_PACKED;

/// Those that answer soon.
pub fn quick(doors: Doors) -> Doors {
    let ways = [
        health, enrolment, proofs, people, office, records, sync, lists, map, weekly, figures, bulletins, patrols,
        cases,
    ];
    ways.into_iter().fold(doors, |doors, open| open(doors))
}

/// Those that may take as long as a bad link or a long history does.
pub fn slow(doors: Doors) -> Doors {
    uploads(books(doors))
}

fn health(doors: Doors) -> Doors {
    doors.open(Get, "/healthz", Watch, SMALL, health::alive).open(Get, "/readyz", Watch, SMALL, health::ready)
}

/// A device and its key.
fn enrolment(doors: Doors) -> Doors {
    doors
        .open(Post, "/api/enrol", Enrol, SMALL, enrol::enrol)
        .open(Post, "/api/enrol/begin", BeginEnrol, SMALL, enrol::begin)
        .open(Post, "/api/enrol/sign-on/begin", BeginEnrol, SMALL, enrol::begin_sign_on)
        .open(Post, "/api/doubt", Doubt, SMALL, enrol::doubt)
        .open(Post, "/api/key", ChangeKey, SMALL, enrol::change_key)
}

/// What proves the person at it.
fn proofs(doors: Doors) -> Doors {
    doors
        .open(Get, "/api/passkeys", SeePasskeys, SMALL, passkeys::list)
        .open(Post, "/api/passkeys", AddPasskey, SMALL, passkeys::add)
        .open(Post, "/api/passkeys/begin", BeginPasskey, SMALL, passkeys::begin)
        .open(Post, "/api/passkeys/{number}/withdraw", DropPasskey, SMALL, passkeys::withdraw)
        .open(Post, "/api/confirm/begin", BeginConfirm, SMALL, passkeys::begin_confirming)
        .open(Post, "/api/confirm", Confirm, SMALL, passkeys::confirm)
}

fn people(doors: Doors) -> Doors {
    doors
        .open(Get, "/api/admin/people", ReadPeople, SMALL, admin::people)
        .open(Post, "/api/admin/people", KeepPeople, SMALL, admin::save_person)
        .open(Post, "/api/admin/people/{id}/invite", Invite, SMALL, admin::invite)
        .open(Post, "/api/admin/people/{id}/duties", Appoint, SMALL, admin::appoint)
        .open(Post, "/api/admin/devices/{id}/revoke", Revoke, SMALL, admin::revoke)
        .open(Post, "/api/admin/passkeys/{number}/withdraw", WithdrawPasskey, SMALL, admin::withdraw_passkey)
        .open(Post, "/api/admin/people/{id}/sign-on", BindSignOn, SMALL, admin::bind_sign_on)
        .open(Post, "/api/admin/remembered", Remember, PAGE, admin::remembered)
}

/// What the office decides, and what everybody is told of it.
fn office(doors: Doors) -> Doors {
    doors
        .open(Get, "/api/office", ReadDirectory, SMALL, office::office)
        .open(Get, "/api/mine", ReadDirectory, SMALL, office::mine)
        .open(Post, "/api/admin/zones", KeepZones, SMALL, admin::save_zone)
        .open(Post, "/api/admin/calendar", KeepCalendar, SMALL, admin::save_calendar)
        .open(Post, "/api/admin/lock", KeepLock, SMALL, admin::save_lock)
        .open(Post, "/api/admin/catalogue", KeepCatalogue, SMALL, admin::save_rule)
        .open(Get, "/api/catalogue/changes", SeeRules, SMALL, office::rule_changes)
        .open(Get, "/api/devices", SeeDevices, SMALL, office::devices)
}

/// What is kept about people, and of what was done.
fn records(doors: Doors) -> Doors {
    doors
        .open(Get, "/api/admin/audit", ReadAudit, SMALL, audit::page)
        .open(Get, "/api/admin/audit/export", ExportAudit, SMALL, audit::export)
        .open(Get, "/api/privacy", ReadPrivacy, SMALL, privacy::about_me)
        .open(Post, "/api/admin/retention", KeepRetention, SMALL, privacy::save_retention)
}

/// What phones bring and fetch.
fn sync(doors: Doors) -> Doors {
    doors
        .open(Get, "/api/photos/{sha}", SeePhoto, SMALL, photos::photo)
        .open(Post, "/api/photos/wanted", AskForPhotos, SMALL, photos::wanted)
        // Its answer lasts for hours, but it begins at once.
        .open(Get, "/api/events", HearNews, SMALL, events::events)
        .open(Post, "/api/sync", Sync, PAGE, sync::sync)
        .open(Post, parcels::PATH, HandOver, PAGE, handover::take_in)
}

/// The issues, as the desk and the field see them, and the views that each keeps of them.
fn lists(doors: Doors) -> Doors {
    doors
        .open(Get, "/api/views", SeeViews, SMALL, views::list)
        .open(Post, "/api/views", KeepViews, SMALL, views::save)
        .open(Get, "/api/board", SeeBoard, SMALL, board::board)
        .open(Get, "/api/tally", SeeBoard, SMALL, board::tally)
        .open(Get, "/api/issues", SeeBoard, SMALL, board::issues)
        .open(Get, "/api/sheets", SeeBoard, SMALL, board::sheets)
        .open(Get, "/api/export", Export, SMALL, export::export)
        // Asked again and again, of the asking device alone: nothing for the audit.
        .open(Get, "/api/export/progress", SeeBoard, SMALL, export::progress)
}

fn map(doors: Doors) -> Doors {
    doors
        .open(Get, "/api/map", SeeBoard, SMALL, map::map)
        .open(Get, "/api/map/base", SeeBoard, SMALL, map::base)
        .open(Get, "/api/map/style", SeeBoard, SMALL, map::style)
        .open(Get, "/api/map/tiles", SeeBoard, SMALL, map::tiles)
        .open(Get, "/api/map/ground", SeeBoard, SMALL, map::plain)
}

fn weekly(doors: Doors) -> Doors {
    doors
        .open(Get, "/api/weekly", ReadBooks, SMALL, desk::weekly_lists)
        .open(Post, "/api/weekly", KeepBooks, SMALL, desk::make_weekly)
        .open(Get, "/api/weekly/{number}", ReadBooks, SMALL, desk::weekly)
        .open(Get, "/api/weekly/{number}/issues", ReadBooks, SMALL, desk::listed)
        .open(Get, "/api/weekly/{number}/{person}", ReadBooks, SMALL, desk::notice)
        .open(Get, "/api/supervision/next", ReadBooks, SMALL, desk::next_numbers)
        .open(Get, "/api/supervision/taken", ReadBooks, SMALL, desk::taken_number)
}

/// Figures, and the issues behind them.
fn figures(doors: Doors) -> Doors {
    doors
        .open(Get, "/api/indicators", ReadBooks, SMALL, desk::indicators)
        .open(Post, "/api/indicators/thresholds", KeepBooks, SMALL, desk::set_thresholds)
        .open(Post, "/api/indicators/recurrence", KeepBooks, SMALL, desk::set_recurrence)
        .open(Get, "/api/settlements/{month}", ReadBooks, SMALL, desk::settlement)
        .open(Get, "/api/settlements/{month}/issues", ReadBooks, SMALL, desk::settled)
        .open(Get, "/api/trends", ReadBooks, SMALL, desk::trends)
        .open(Get, "/api/indicators/issues", ReadBooks, SMALL, desk::measured)
        .open(Get, "/api/halfyear", ReadBooks, SMALL, desk::halfyear)
        .open(Get, "/api/halfyear/document", ExportBooks, SMALL, desk::halfyear_document)
}

fn bulletins(doors: Doors) -> Doors {
    doors
        .open(Get, "/api/bulletins", ReadBooks, SMALL, bulletins::all)
        .open(Post, "/api/bulletins", KeepBooks, SMALL, bulletins::write)
        .open(Post, "/api/bulletins/{id}/read", ConfirmBulletin, SMALL, bulletins::read)
        .open(Post, "/api/bulletins/{id}/withdraw", KeepBooks, SMALL, bulletins::withdraw)
}

fn patrols(doors: Doors) -> Doors {
    doors
        .open(Post, "/api/patrols", Patrol, SMALL, patrols::take)
        .open(Get, "/api/patrols", ReadBooks, SMALL, patrols::list)
        .open(Get, "/api/patrols/book", ExportBooks, SMALL, patrols::book)
}

/// One issue or one change.
fn cases(doors: Doors) -> Doors {
    doors
        .open(Get, "/api/issues/{id}/tipster", SeeTipster, SMALL, tipsters::masked)
        .open(Get, "/api/issues/{id}/tipster/whole", LookAtTipster, SMALL, tipsters::whole)
        .open(Post, "/api/issues/{id}/tipster", KeepTipster, SMALL, tipsters::save)
        .open(Get, "/api/held", ReadHeld, SMALL, held::list)
        .open(Post, "/api/held/{hash}", Review, SMALL, held::decide)
}

/// The first month of an office with a long history books all of it; a file is read whole.
fn books(doors: Doors) -> Doors {
    doors
        .open(Get, "/api/settlements", ReadBooks, SMALL, desk::settlements)
        .open(Post, "/api/settlements", KeepBooks, SMALL, desk::freeze)
        .open(Post, "/api/import", Import, MAX_FILE, import::import)
        .open(Post, "/api/admin/outlines", KeepZones, geojson::MAX_FILE, map::outlines)
}

/// Photos, piece after piece.
fn uploads(doors: Doors) -> Doors {
    doors
        .open(Options, "/api/uploads", AskProtocol, SMALL, uploads::options)
        .open(Post, "/api/uploads", BringPhoto, PIECE, uploads::create)
        .open(Options, "/api/uploads/{id}", AskProtocol, SMALL, uploads::options)
        .open(Head, "/api/uploads/{id}", BringPhoto, SMALL, uploads::status)
        .open(Patch, "/api/uploads/{id}", BringPhoto, PIECE, uploads::append)
        .open(Delete, "/api/uploads/{id}", BringPhoto, SMALL, uploads::cancel)
}

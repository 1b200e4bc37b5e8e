-- The house: office, zones, people, devices, enrolment codes, uploads and photo blobs.
-- Only text, bigint and blob, so that the same statements run on SQLite and PostgreSQL. Times are Unix milliseconds.

CREATE TABLE office (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
-- Grows in the same transaction as any change of people or zones; phones fetch the directory again when they see it move.
INSERT INTO office (key, value) VALUES ('version', '1');

CREATE TABLE zones (
    id   BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    code TEXT NOT NULL
);

CREATE TABLE people (
    id     BIGINT NOT NULL PRIMARY KEY,
    name   TEXT NOT NULL,
    role   TEXT NOT NULL,
    active BIGINT NOT NULL
);

CREATE TABLE person_zones (
    person BIGINT NOT NULL REFERENCES people (id),
    zone   BIGINT NOT NULL REFERENCES zones (id),
    PRIMARY KEY (person, zone)
);

-- Never deleted: the number is the first half of every actor that the device used, and must not be given twice.
CREATE TABLE devices (
    id           BIGINT NOT NULL PRIMARY KEY,
    person       BIGINT NOT NULL REFERENCES people (id),
    public_key   BLOB NOT NULL,
    label        TEXT NOT NULL,
    enrolled_at  BIGINT NOT NULL,
    last_contact BIGINT,
    revoked_at   BIGINT,
    unsent       BIGINT NOT NULL DEFAULT 0,
    app_version  TEXT NOT NULL DEFAULT '',
    storage_id   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX devices_by_person ON devices (person);

-- Only the SHA-256 of a code is kept. `key` is the public key that used it, so that a lost answer can be given again.
CREATE TABLE codes (
    hash       TEXT NOT NULL PRIMARY KEY,
    person     BIGINT NOT NULL REFERENCES people (id),
    expires_at BIGINT NOT NULL,
    tries      BIGINT NOT NULL DEFAULT 0,
    used_at    BIGINT,
    device     BIGINT,
    key        BLOB
);

-- Administrative writes are not idempotent by nature, so each signature counts once.
CREATE TABLE nonces (
    device BIGINT NOT NULL,
    nonce  TEXT NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (device, nonce)
);
CREATE INDEX nonces_by_time ON nonces (at);

-- How far an unfinished upload is stands in its partial file, whose length is the offset.
CREATE TABLE uploads (
    id          TEXT NOT NULL PRIMARY KEY,
    device      BIGINT NOT NULL,
    sha         TEXT NOT NULL,
    size        BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX uploads_by_device ON uploads (device);

CREATE TABLE blobs (
    sha         TEXT NOT NULL PRIMARY KEY,
    size        BIGINT NOT NULL,
    mime        TEXT NOT NULL,
    width       BIGINT NOT NULL,
    height      BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    device      BIGINT NOT NULL
);

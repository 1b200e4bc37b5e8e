-- Passkeys prove their person: for an act that asks for it, and when a new browser enrols. One counts only while the device that made
-- it is in service. `key` is the COSE key as the authenticator gave it.
CREATE TABLE passkeys (
    number        BIGINT NOT NULL PRIMARY KEY,
    person        BIGINT NOT NULL REFERENCES people (id),
    device        BIGINT NOT NULL REFERENCES devices (id),
    relying_party TEXT NOT NULL,
    credential    BLOB NOT NULL UNIQUE,
    key           BLOB NOT NULL,
    counter       BIGINT NOT NULL,
    synced        BIGINT NOT NULL,
    label         TEXT NOT NULL,
    made_at       BIGINT NOT NULL,
    used_at       BIGINT,
    withdrawn_at  BIGINT
);
CREATE INDEX passkeys_by_person ON passkeys (person);

-- Challenges that were used up, so that none counts twice. Those that are open stand nowhere: the office knows its own seal.
CREATE TABLE challenges (
    nonce  TEXT NOT NULL PRIMARY KEY,
    at     BIGINT NOT NULL,
    -- The device that came of it, and its key: a lost answer can be given again.
    device BIGINT NOT NULL,
    key    BLOB NOT NULL
);

-- Which device may do what asks for a passkey, and until when.
CREATE TABLE confirmed (
    device     BIGINT NOT NULL PRIMARY KEY,
    passkey    BIGINT NOT NULL,
    until_time BIGINT NOT NULL
);

-- What opened the office to a device: `code` or `passkey`.
ALTER TABLE devices ADD COLUMN way TEXT NOT NULL DEFAULT 'code';

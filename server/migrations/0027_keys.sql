-- The keys that a device had before the one it signs with, and when each was replaced: a hand-over file on its way outlives the change,
-- and none of them comes back.
CREATE TABLE former_keys (
    public_key BLOB NOT NULL PRIMARY KEY,
    device     BIGINT NOT NULL REFERENCES devices (id),
    until_time BIGINT NOT NULL
);
CREATE INDEX former_keys_by_device ON former_keys (device);

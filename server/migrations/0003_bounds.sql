-- Bounds on what a single device may leave behind, and numbers that outlive a restore.

-- How many refused changes of a device were not kept, because it had left too many open ones already.
CREATE TABLE held_dropped (
    device  BIGINT NOT NULL PRIMARY KEY,
    dropped BIGINT NOT NULL
);
CREATE INDEX held_by_device ON held (device, adoptable, decided_at);

-- A phone that heals the office names the number that an issue had; it is given back only where it is free.
CREATE INDEX documents_by_number ON documents (number);

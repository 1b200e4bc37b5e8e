-- 巡查: rounds through a zone as phones told of them. They stand in no document, so a rebuild leaves them alone. Nobody's way is kept.

CREATE TABLE patrols (
    patrol_id   TEXT NOT NULL PRIMARY KEY,
    zone_id     BIGINT NOT NULL,
    person_id   BIGINT NOT NULL,
    device_id   BIGINT NOT NULL,
    -- By the office's clock, as far as the phone knew it when it told of the round; skew_ms is already in both.
    begun_at    BIGINT NOT NULL,
    ended_at    BIGINT NOT NULL,
    found       BIGINT NOT NULL,
    -- Milliseconds by which the phone's clock had been behind, as it learned later.
    skew_ms     BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    -- Why it counts for nothing: clock (it cannot have been right), stopped (the device was out of service); else NULL.
    doubt       TEXT
);
CREATE INDEX patrols_by_time ON patrols (begun_at);
CREATE INDEX patrols_by_person ON patrols (person_id, received_at);

-- For the office's own tools: one line per round that counts, with names.
CREATE VIEW patrol_list AS
SELECT z.name AS zone, p.name AS person, r.begun_at, r.ended_at, (r.ended_at - r.begun_at) / 60000 AS minutes, r.found, r.received_at
FROM patrols r
JOIN zones z ON z.id = r.zone_id
JOIN people p ON p.id = r.person_id
WHERE r.doubt IS NULL;

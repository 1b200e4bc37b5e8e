-- 包保: who answers for a zone together, and for which part of it, in the office's words. `position` is the order in which the office
-- names them. It is told to phones with the zones, and gives nobody a right.
CREATE TABLE zone_people (
    zone_id   BIGINT NOT NULL REFERENCES zones (id),
    person_id BIGINT NOT NULL REFERENCES people (id),
    part      TEXT NOT NULL,
    position  BIGINT NOT NULL,
    PRIMARY KEY (zone_id, person_id, part)
);

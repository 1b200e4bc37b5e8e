-- Where the zones lie: JSON of polygons, each ring as differences of whole units of 1e-5 degrees in WGS-84.
CREATE TABLE zone_outlines (
    zone    BIGINT NOT NULL PRIMARY KEY REFERENCES zones (id),
    outline TEXT NOT NULL
);

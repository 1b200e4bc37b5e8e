-- From when on a zone is there: no patrol was due in it before. Zones of before count as they always did.
ALTER TABLE zones ADD COLUMN since BIGINT NOT NULL DEFAULT 0;

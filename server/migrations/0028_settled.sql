-- Which throwing away of its vault a device told of last, and which one a proof has ended: said again, that one is no new doubt.
ALTER TABLE devices ADD COLUMN thrown BIGINT;
ALTER TABLE devices ADD COLUMN settled BIGINT;

-- Since when a device fetches nothing, because its vault was thrown away and nobody has proven himself at it since; when its person
-- proved himself there last, and when he did so by a code.
ALTER TABLE devices ADD COLUMN unproven_at BIGINT;
ALTER TABLE devices ADD COLUMN proven_at BIGINT;
ALTER TABLE devices ADD COLUMN code_at BIGINT;

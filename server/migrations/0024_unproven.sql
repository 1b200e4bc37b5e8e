-- Since when a device fetches nothing, because its vault was thrown away and nobody has proven himself at it since; and when a code
-- proved its person there last.
ALTER TABLE devices ADD COLUMN unproven_at BIGINT;
ALTER TABLE devices ADD COLUMN code_at BIGINT;

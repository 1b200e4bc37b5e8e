-- Why a device is out of service: '' by an administrator, 'cloned' because its key was seen with two storages at once.
ALTER TABLE devices ADD COLUMN revoked_why TEXT NOT NULL DEFAULT '';

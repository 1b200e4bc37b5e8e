-- By which name the office's sign-on calls a person. The same name at another issuer, or in another claim, is somebody else.
CREATE TABLE sign_on_names (
    issuer TEXT NOT NULL,
    claim  TEXT NOT NULL,
    name   TEXT NOT NULL,
    person BIGINT NOT NULL REFERENCES people (id),
    PRIMARY KEY (issuer, claim, name),
    UNIQUE (issuer, claim, person)
);

-- Rows of the audit are only added. The chain shows every edit; these stop it before, whoever writes by SQL: no change of a row, and
-- no row goes that is younger than the law asks for (184 days). Whoever holds the file can take them away; `audit verify` still finds him.
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'rows of the audit never change');
END;

CREATE TRIGGER audit_stays BEFORE DELETE ON audit WHEN OLD.at > unixepoch('subsec') * 1000 - 184 * 86400000
BEGIN
    SELECT RAISE(ABORT, 'rows of the audit stay for 184 days');
END;

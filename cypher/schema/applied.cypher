// The migrations that this database has had
// Answers: each migration with its number, name, checksum and the instant it was applied; empty on a new database.
// Parameters:
MATCH (m:Migration)
RETURN m.version AS version, m.name AS name, m.checksum AS checksum, m.applied_at AS applied_at
ORDER BY version

// Which server is this
// Answers: the version and edition of the Neo4j server.
// Parameters:
CALL dbms.components() YIELD name, versions, edition
WHERE name = 'Neo4j Kernel'
RETURN versions[0] AS version, edition

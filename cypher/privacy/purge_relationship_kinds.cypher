// Which properties the relationships of a graph have, and of which types
// Answers: for each type of relationship and each property the types of its values. A store is rebuilt by this.
// Parameters:
MATCH ()-[r]->()
UNWIND keys(r) AS key
RETURN type(r) AS type, key, collect(DISTINCT valueType(r[key])) AS types

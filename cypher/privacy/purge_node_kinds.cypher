// Which properties the nodes of a graph have, and of which types
// Answers: for each combination of labels and each property the types of its values. A store is rebuilt by this.
// Parameters:
MATCH (n)
UNWIND keys(n) AS key
RETURN labels(n) AS labels, key, collect(DISTINCT valueType(n[key])) AS types

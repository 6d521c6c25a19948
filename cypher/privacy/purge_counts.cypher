// What a graph consists of
// Answers: for each combination of labels, and each type of relationship, how many there are and how many properties they have.
// Parameters:
CALL () {
  MATCH (n)
  RETURN labels(n) AS kind, count(*) AS count, sum(size(keys(n))) AS properties
  UNION ALL
  MATCH ()-[r]->()
  RETURN ['-' + type(r)] AS kind, count(*) AS count, sum(size(keys(r))) AS properties
}
RETURN kind, count, properties

// Mark customers whose journeys must be rebuilt
// Answers: how many customers got the mark; none once all have it.
// Parameters:
//   $page  integer: how many customers at once, e.g. 50000
:params {page: 50000};
MATCH (c:Customer)
WHERE NOT c:Unthreaded
WITH c LIMIT $page
SET c:Unthreaded
RETURN count(c) AS marked

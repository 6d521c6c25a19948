// Customers whose journeys must be rebuilt
// Answers: some of the customers that carry the mark, how many touchpoints each has, whether journeys were built before,
// and whether none may be built, because the customer withdrew consent to analytics.
// Parameters:
//   $limit  integer: how many customers at most, e.g. 20000
:params {limit: 20000};
MATCH (c:Customer:Unthreaded)
WITH c LIMIT $limit
RETURN c.customer_id AS customer_id, COUNT { (c)-[:MADE]->() } AS touchpoints,
       EXISTS { (c)-[:HAD]->() } AS threaded, c:Withheld AS withheld

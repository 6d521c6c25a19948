// The properties that most touchpoints have
// Answers: the sources' own properties as they are stored (p_...), those first that most touchpoints have. The database also
// remembers names that no touchpoint has any more; those are not among them.
// Parameters:
//   $limit  integer: how many, e.g. 50
:params {limit: 50};
MATCH (t:Touchpoint)
UNWIND [key IN keys(t) WHERE key STARTS WITH 'p_'] AS property
WITH property, count(*) AS touchpoints
ORDER BY touchpoints DESC, property
LIMIT $limit
RETURN property, touchpoints

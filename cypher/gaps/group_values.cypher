// Properties of touchpoints that have few values
// Answers: for each property (source, campaign, or the source's own) that has at most so many values, these values, in a
// sample of the touchpoints.
// Parameters:
//   $keys   list of text: properties to look at, e.g. ['source', 'campaign', 'p_platform']
//   $most   integer: most values that a property may have, e.g. 50
//   $every  integer: one in so many instants is looked at, 1 for all, e.g. 1
//   $known_until  text or null: an ISO 8601 instant, only what the system knew then, e.g. null
:params {keys: ['source', 'campaign', 'p_platform'], most: 50, every: 1, known_until: null};
CALL () {
  RETURN EXISTS { (:Withheld) } AS consents  // touchpoints of whoever withdrew consent to analytics count nowhere
}
MATCH (t:Touchpoint)
WHERE t.occurred_at_us % $every = 0 AND ($known_until IS NULL OR t.ingested_at <= datetime($known_until))
  AND (NOT consents OR NOT EXISTS { (t)<-[:MADE]-(:Withheld) })
UNWIND $keys AS key
WITH key, CASE key WHEN 'campaign' THEN head([(t)-[:CAME_FROM]->(c:Campaign) | c.name])
                   ELSE toStringOrNull(t[key]) END AS value
WHERE value IS NOT NULL
WITH DISTINCT key, value
ORDER BY key, value
WITH key, collect(value) AS values
WHERE size(values) <= $most
RETURN key, values
ORDER BY key

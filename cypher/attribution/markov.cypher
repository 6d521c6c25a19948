// Transitions of the Markov chain of attribution
// Answers: how often decided journeys go from a state, their last $order names, to the next name, to '(conversion)' or
// to '(null)'; and the value of these conversions. From these counts the product solves the absorbing chain, which no one
// statement can.
// Parameters:
//   $by  text: what is credited: 'channel', 'step', 'source', 'stage', 'campaign', 'product', or a property, 'p_store'
//   $order  integer: names that a state remembers, e.g. 1
:params {by: 'channel', order: 1};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us,
        touchpoints: CASE WHEN NOT $by IN ['channel', 'step']
          THEN COLLECT { MATCH (j)-[i:INCLUDES]->(t:Touchpoint) RETURN t ORDER BY i.position } END} AS journey
// } journeys
WHERE journey.outcome IN ['converted', 'lost']
WITH journey,
     CASE $by WHEN 'channel' THEN journey.channels
              WHEN 'step' THEN journey.steps
              WHEN 'campaign' THEN [t IN journey.touchpoints | head([(t)-[:CAME_FROM]->(c:Campaign) | c.name])]
              WHEN 'product' THEN [t IN journey.touchpoints | head([(t)-[:ABOUT]->(p:Product) | p.product_id])]
              ELSE [t IN journey.touchpoints | toStringOrNull(t[$by])] END AS items
// The goal's own touchpoint, the last of a converted journey, is the conversion, not what led to it.
WITH journey, items,
     [k IN range(0, size(items) - CASE journey.outcome WHEN 'converted' THEN 2 ELSE 1 END) WHERE items[k] <> ''] AS kept
WITH journey, CASE size(kept) WHEN 0 THEN ['(none)'] ELSE [k IN kept | items[k]] END AS path
UNWIND range(0, size(path)) AS k
WITH journey, path[CASE WHEN k < $order THEN 0 ELSE k - $order END..k] AS state,
     CASE WHEN k < size(path) THEN path[k]
          WHEN journey.outcome = 'converted' THEN '(conversion)' ELSE '(null)' END AS next,
     k = size(path) AND journey.outcome = 'converted' AS converts
RETURN state, next, count(*) AS count,
       toFloat(sum(CASE WHEN converts THEN coalesce(journey.value, 0.0) ELSE 0.0 END)) AS value
ORDER BY state, next

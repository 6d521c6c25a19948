// Customers of a source who are not known
// Answers: of the customers seen in the source, how many are anonymous visitors; and the same for all other sources.
// Parameters:
//   $source    text: the source, e.g. 'web_shop'
//   $examples  integer: how many journey ids to return, e.g. 5
:params {source: 'web_shop', examples: 5};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH journey, coalesce(journey.touchpoints, COLLECT {
       MATCH (:Journey {journey_id: journey.journey_id})-[i:INCLUDES]->(t:Touchpoint)
       RETURN t ORDER BY i.position
     }) AS touchpoints
WITH journey, any(t IN touchpoints WHERE t.source = $source) AS here,
     any(t IN touchpoints WHERE t.source <> $source) AS elsewhere, journey.customer_id STARTS WITH 'anonymous:' AS unknown
ORDER BY last(journey.occurred_at_us) DESC, journey.journey_id
WITH collect(CASE WHEN here AND unknown THEN journey.journey_id END) AS journeys,
     count(DISTINCT CASE WHEN here AND unknown THEN journey.customer_id END) AS affected,
     count(DISTINCT CASE WHEN here THEN journey.customer_id END) AS denominator,
     count(DISTINCT CASE WHEN elsewhere AND unknown THEN journey.customer_id END) AS unknown_elsewhere,
     count(DISTINCT CASE WHEN elsewhere THEN journey.customer_id END) AS elsewhere
RETURN affected, denominator, affected AS affected_customers, denominator AS denominator_customers,
       {unknown_elsewhere: unknown_elsewhere, elsewhere: elsewhere} AS counts, journeys[..$examples] AS examples

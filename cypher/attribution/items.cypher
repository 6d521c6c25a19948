// Every journey as what can be credited for it
// Answers: each journey with its customer, outcome and value, and for each of its touchpoints in order the channel, step,
// source, stage, campaign, product or property ('' where it has none) and the instant (microseconds since 1970, UTC).
// Parameters:
//   $by  text: what is credited: 'channel', 'step', 'source', 'stage', 'campaign', 'product', or a property, 'p_store'
:params {by: 'campaign'};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us,
        touchpoint_ids: CASE WHEN $by IN ['channel', 'step'] THEN []
          ELSE COLLECT { MATCH (j)-[i:INCLUDES]->(t:Touchpoint) RETURN t.touchpoint_id ORDER BY i.position } END}
     AS journey
// } journeys
CALL (journey) {
  UNWIND CASE WHEN $by IN ['channel', 'step'] THEN [] ELSE range(0, size(journey.touchpoint_ids) - 1) END AS k
  MATCH (t:Touchpoint {touchpoint_id: journey.touchpoint_ids[k]})
  WITH k, CASE $by WHEN 'campaign' THEN head(COLLECT { MATCH (t)-[:CAME_FROM]->(c:Campaign) RETURN c.name ORDER BY c.name })
                   WHEN 'product' THEN head(COLLECT { MATCH (t)-[:ABOUT]->(p:Product) RETURN p.product_id ORDER BY p.product_id })
                   ELSE toString(t[$by]) END AS item
  ORDER BY k
  RETURN collect(coalesce(item, '')) AS found
}
WITH journey, CASE $by WHEN 'channel' THEN journey.channels WHEN 'step' THEN journey.steps ELSE found END AS items
RETURN journey.journey_id AS id, journey.customer_id AS customer_id, journey.outcome AS outcome,
       journey.value AS value, items, journey.occurred_at_us AS occurred_at_us

// Every journey as what can be credited for it
// Answers: each journey with its customer, outcome and value, and for each of its touchpoints in order the channel, step,
// source, stage, campaign, product or property ('' where it has none) and the instant (microseconds since 1970, UTC).
// Parameters:
//   $by  text: what is credited: 'channel', 'step', 'source', 'stage', 'campaign', 'product', or a property, 'p_store'
:params {by: 'campaign'};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us,
        touchpoints: CASE WHEN NOT $by IN ['channel', 'step']
          THEN COLLECT { MATCH (j)-[i:INCLUDES]->(t:Touchpoint) RETURN t ORDER BY i.position } END} AS journey
// } journeys
WITH journey,
     CASE $by WHEN 'channel' THEN journey.channels
              WHEN 'step' THEN journey.steps
              WHEN 'campaign' THEN [t IN journey.touchpoints | head([(t)-[:CAME_FROM]->(c:Campaign) | c.name])]
              WHEN 'product' THEN [t IN journey.touchpoints | head([(t)-[:ABOUT]->(p:Product) | p.product_id])]
              ELSE [t IN journey.touchpoints | toStringOrNull(t[$by])] END AS items
WITH journey, [item IN items | coalesce(item, '')] AS items
RETURN journey.journey_id AS id, journey.customer_id AS customer_id, journey.outcome AS outcome,
       journey.value AS value, items AS steps, items AS channels, journey.occurred_at_us AS occurred_at_us

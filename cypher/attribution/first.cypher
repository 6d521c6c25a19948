// First-touch attribution
// Answers: conversions and their value by what each converted journey touched first.
// Parameters:
//   $by  text: what is credited: 'channel', 'step', 'source', 'stage', 'campaign', 'product', or a property, 'p_store'
:params {by: 'channel'};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us,
        touchpoints: CASE WHEN NOT $by IN ['channel', 'step']
          THEN COLLECT { MATCH (j)-[i:INCLUDES]->(t:Touchpoint) RETURN t ORDER BY i.position } END} AS journey
// } journeys
WHERE journey.outcome = 'converted'
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
WITH journey, path[0] AS channel
RETURN channel, toFloat(count(*)) AS credit, toFloat(sum(coalesce(journey.value, 0.0))) AS value_credit
ORDER BY channel

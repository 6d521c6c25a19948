// Journeys of a group that end lost after a step or a transition
// Answers: how many journeys reached the step (or went along the transition) as part of the group, early enough to know what
// became of them, how many of them were lost right there, how often they were there, and how many went on and converted.
// Parameters:
//   $steps           list of text: the step, or the two steps of the transition, e.g. ['view_product']
//   $property        text: the property that makes the group, e.g. 'p_platform'
//   $value           text: its value, e.g. 'ios'
//   $carried         boolean: a value holds on until the journey's next one (campaigns), e.g. false
//   $members_at      text or null: an ISO 8601 instant: who was in the segment then; null: who is now
//   $known_until_us  integer: only visits before this instant (microseconds since 1970): a journey window before the end of the data, e.g. 4102444800000000
//   $examples        integer: how many journey ids to return, e.g. 5
:params {steps: ['view_product'], property: 'p_platform', value: 'ios', carried: false, members_at: null, known_until_us: 4102444800000000, examples: 5};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE last($steps) IN journey.steps
WITH journey, coalesce(journey.touchpoints, COLLECT {
       MATCH (:Journey {journey_id: journey.journey_id})-[i:INCLUDES]->(t:Touchpoint)
       RETURN t ORDER BY i.position
     }) AS touchpoints, $property = 'segment' AND EXISTS {
       MATCH (:Customer {customer_id: journey.customer_id})-[m:IN_SEGMENT]->(:Segment {name: $value})
       WHERE CASE WHEN $members_at IS NULL THEN m.until IS NULL
         ELSE m.since <= datetime($members_at) AND coalesce(m.until > datetime($members_at), true) END } AS member
WITH journey, [t IN touchpoints | CASE $property WHEN 'campaign' THEN head([(t)-[:CAME_FROM]->(c:Campaign) | c.name])
                                 WHEN 'segment' THEN CASE WHEN member THEN $value END
                                 ELSE toStringOrNull(t[$property]) END] AS values
WITH journey,
     [k IN range(size($steps) - 1, size(journey.steps) - 1)
      WHERE journey.occurred_at_us[k] < $known_until_us
        AND journey.steps[k] = last($steps)
        AND (size($steps) = 1 OR journey.steps[k - 1] = $steps[0])
        AND CASE WHEN $carried THEN last([v IN values[..k + 1] WHERE v IS NOT NULL]) ELSE values[k] END = $value] AS visits
WHERE size(visits) > 0
WITH journey, size(visits) AS visits,
     journey.outcome = 'lost' AND last(visits) = size(journey.steps) - 1 AS affected
ORDER BY last(journey.occurred_at_us) DESC, journey.journey_id
WITH collect(CASE WHEN affected THEN journey.journey_id END) AS lost,
     count(CASE WHEN affected THEN 1 END) AS affected, count(journey) AS denominator,
     count(DISTINCT CASE WHEN affected THEN journey.customer_id END) AS affected_customers,
     count(DISTINCT journey.customer_id) AS denominator_customers, sum(visits) AS visits,
     count(CASE WHEN NOT affected AND journey.outcome <> 'open' THEN 1 END) AS went_on,
     count(CASE WHEN journey.outcome = 'converted' THEN 1 END) AS converted
RETURN affected, denominator, affected_customers, denominator_customers,
       {visits: visits, went_on: went_on, converted: converted} AS counts, lost[..$examples] AS examples

// Groups of customers that a score is measured for
// Answers: for each customer the source and channel of their first touchpoint, the first platform that is known of them, and
// the segments that they are in now.
// Parameters:
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .occurred_at_us} AS journey
// } journeys
WITH journey, coalesce(journey.touchpoints, COLLECT {
       MATCH (:Journey {journey_id: journey.journey_id})-[i:INCLUDES]->(t:Touchpoint)
       RETURN t ORDER BY i.position
     }) AS touchpoints
WITH journey.customer_id AS customer_id, journey.occurred_at_us[0] AS began,
     touchpoints[0].source AS source, touchpoints[0].channel AS channel,
     head([t IN touchpoints WHERE t.p_platform IS NOT NULL | toStringOrNull(t.p_platform)]) AS platform
ORDER BY customer_id, began
WITH customer_id, head(collect(source)) AS first_source, head(collect(channel)) AS first_channel,
     head(collect(platform)) AS platform
RETURN customer_id, first_source, first_channel, platform, COLLECT {
         MATCH (:Customer {customer_id: customer_id})-[m:IN_SEGMENT]->(s:Segment)
         WHERE m.until IS NULL
         RETURN s.name ORDER BY s.name
       } AS segments

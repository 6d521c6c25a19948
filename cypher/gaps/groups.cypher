// The groups that the touchpoints of each journey belong to
// Answers: for each journey a number per touchpoint, in order: the indexes of its values in each dimension (0 for none), as
// digits of a number whose bases are the sizes.
// Parameters:
//   $dimensions  list of maps {key, size, codes}: a property, one more than its number of values, and the index of each, e.g. [{key: 'p_platform', size: 3, codes: {android: 1, ios: 2}}]
:params {dimensions: [{key: 'p_platform', size: 3, codes: {android: 1, ios: 2}}]};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH journey, coalesce(journey.touchpoints, COLLECT {
       MATCH (:Journey {journey_id: journey.journey_id})-[i:INCLUDES]->(t:Touchpoint)
       RETURN t ORDER BY i.position
     }) AS touchpoints
RETURN journey.journey_id AS id,
       [t IN touchpoints | reduce(code = 0, d IN $dimensions | code * d.size + coalesce(d.codes[
          CASE d.key WHEN 'campaign' THEN head([(t)-[:CAME_FROM]->(c:Campaign) | c.name])
                     ELSE toStringOrNull(t[d.key]) END], 0))] AS codes

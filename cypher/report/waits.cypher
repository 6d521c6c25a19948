// Waits between steps, transition by transition
// Answers: for each of the transitions of $pairs (all others together as '(other)') how often it was taken and in how
// many journeys; quantiles of the seconds between the two touchpoints; and how many of the waits lie between each two
// of the edges (the lower one inclusive, the last without an upper one).
// Parameters:
//   $pairs  list of lists of text: source and target of each transition, e.g. [['view_product', 'cart']]
//   $edges  list of numbers: seconds at which the classes begin, from 0
:params {pairs: [['view_product', 'cart'], ['cart', 'purchase']], edges: [0, 60, 3600, 86400]};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH journey.journey_id AS journey_id, journey.steps AS names, journey.occurred_at_us AS times
UNWIND [i IN range(1, size(names) - 1)] AS i
WITH journey_id, (times[i] - times[i - 1]) / 1000000.0 AS seconds,
     CASE WHEN [names[i - 1], names[i]] IN $pairs THEN [names[i - 1], names[i]] ELSE ['(other)', '(other)'] END AS pair
WITH pair, count(*) AS count, count(DISTINCT journey_id) AS journeys,
     collect(size([edge IN $edges WHERE edge <= seconds])) AS classes,
     percentileCont(seconds, 0.1) AS p10_seconds, percentileCont(seconds, 0.25) AS p25_seconds,
     percentileCont(seconds, 0.5) AS median_seconds, percentileCont(seconds, 0.75) AS p75_seconds,
     percentileCont(seconds, 0.9) AS p90_seconds
RETURN pair[0] AS source, pair[1] AS target, count, journeys, p10_seconds, p25_seconds, median_seconds, p75_seconds,
       p90_seconds, [k IN range(1, size($edges)) | size([class IN classes WHERE class = k])] AS counts
ORDER BY source, target

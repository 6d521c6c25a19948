// What followed the last steps of a journey, and after what time
// Answers: for the context and each shorter end of it (order: how many of its symbols), every step that followed it in any
// journey, or (end) where nothing did before the journey's window passed: how often (count), and the median and 90th
// percentile of the wait in seconds. Open journeys may go on, so they have no (end). The next step's probability stands on
// these counts.
// Parameters:
//   $context  list of text: the last steps, '(start)' first where they are the whole journey, e.g. ['view_product', 'cart']
:params {context: ['view_product', 'cart']};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH ['(start)'] + journey.steps + CASE WHEN journey.outcome = 'open' THEN [] ELSE ['(end)'] END AS symbols,
     journey.occurred_at_us AS at_us
UNWIND range(1, size(symbols) - 1) AS i
UNWIND range(0, size($context)) AS order
WITH symbols, at_us, i, order
WHERE order <= i AND symbols[i - order..i] = $context[size($context) - order..]
RETURN order, symbols[i] AS step, count(*) AS count,
       percentileCont(CASE WHEN i > 1 AND i <= size(at_us) THEN (at_us[i - 1] - at_us[i - 2]) / 1000000.0 END, 0.5)
         AS median_seconds,
       percentileCont(CASE WHEN i > 1 AND i <= size(at_us) THEN (at_us[i - 1] - at_us[i - 2]) / 1000000.0 END, 0.9)
         AS p90_seconds
ORDER BY order, count DESC, step

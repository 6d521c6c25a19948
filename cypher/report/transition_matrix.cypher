// Transition matrix: how often what follows what, as a share of the row, of the column and of everything
// Answers: for every step and the next one in the same journey how often (count), and its share of everything that leaves
// the step (of_source), of everything that leads to the next one (of_target) and of all transitions (of_all). Every journey
// begins with '(start)' and finishes with '(end)'.
// Parameters:
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH ['(start)'] + journey.steps + ['(end)'] AS names
UNWIND range(1, size(names) - 1) AS k
WITH names[k - 1] AS source, names[k] AS target, count(*) AS count
WITH source, collect({target: target, count: count}) AS cells, sum(count) AS leaving
UNWIND cells AS cell
WITH cell.target AS target, collect({source: source, count: cell.count, leaving: leaving}) AS cells, sum(cell.count) AS arriving
WITH collect({target: target, cells: cells, arriving: arriving}) AS columns, sum(arriving) AS total
UNWIND columns AS column
UNWIND column.cells AS cell
RETURN cell.source AS source, column.target AS target, cell.count AS count, toFloat(cell.count) / cell.leaving AS of_source,
       toFloat(cell.count) / column.arriving AS of_target, toFloat(cell.count) / total AS of_all
ORDER BY source, target

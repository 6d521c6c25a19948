// Write the transitions of the step graph
// Answers: nothing; it stores how often, in how many journeys and by how many customers each step led to each.
// Parameters:
//   $transitions  list of lists: source, target, count, journeys, customers, median_seconds, p90_seconds, exits
:params {transitions: [['view', 'cart', 3, 2, 2, 12.5, 60.0, 1]]};
UNWIND $transitions AS row
MATCH (a:Step {name: row[0]})
MATCH (b:Step {name: row[1]})
CREATE (a)-[:LEADS_TO {count: row[2], journeys: row[3], customers: row[4], median_seconds: row[5],
                       p90_seconds: row[6], exits: row[7]}]->(b)

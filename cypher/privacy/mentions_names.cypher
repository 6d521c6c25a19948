// Where else a person's identifiers stand: names of steps, stages, channels and sources, and the rules of journeys
// Answers: each such name that holds an identifier, in how many places, and whether it stays: sources, channels, currencies and rules
// do, a step or stage does that somebody else's touchpoints have too, or that is a goal.
// Parameters:
//   $identifiers  list of text: in lower case, longer than a figure would be, e.g. ['anna@example.com']
//   $customer_id  text: who the person is in the graph (no more, or under a random name), e.g. 'customer-1'
:params {identifiers: ['anna@example.com'], customer_id: 'customer-1'};
MATCH (n)
WHERE NOT n:Migration
UNWIND [key IN keys(n) WHERE key IN ['step', 'steps', 'stage', 'channel', 'channels', 'source', 'currency']
        OR (n:Step AND key = 'name') OR (n:Configuration AND key <> 'name')] AS key
WITH CASE WHEN n:Configuration THEN 'rule' WHEN key IN ['steps', 'name'] THEN 'step' WHEN key = 'channels' THEN 'channel'
          ELSE key END AS kind, n[key] AS value
UNWIND CASE WHEN value IS :: STRING NOT NULL THEN [value]
            WHEN value IS :: LIST<STRING NOT NULL> NOT NULL THEN value ELSE [] END AS name
WITH kind, name, count(*) AS places
WHERE any(text IN $identifiers WHERE toLower(name) CONTAINS text)
RETURN kind, name, places,
       NOT kind IN ['step', 'stage']
       OR EXISTS { MATCH (t:Touchpoint|SetAside)<-[:MADE]-(other:Customer)
                   WHERE name IN [t.step, t.stage] AND other.customer_id <> $customer_id }
       OR EXISTS { MATCH (rules:Configuration) WHERE name IN rules.goals } AS stays
ORDER BY kind, name

-- How many lines the log has of each kind in each span of ten minutes since 1970.
CREATE TABLE event_tally (
    app TEXT COLLATE "C" NOT NULL,
    span BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (app, span, kind)
);

INSERT INTO event_tally (app, span, kind, n)
SELECT app, at / 600000000, kind, COUNT(*) FROM event GROUP BY app, at / 600000000, kind;

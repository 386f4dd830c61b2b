-- The journal's layout of version 1, frozen as it was released (user_version = 1).
CREATE TABLE orders (
    order_no TEXT PRIMARY KEY,
    item TEXT NOT NULL,
    department TEXT NOT NULL,
    bill_id TEXT NOT NULL,
    option TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    subject TEXT NOT NULL,
    person_tag TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    out_trade_no TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    channel TEXT,
    transaction_id TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    acceptance_no TEXT,
    booked_at TEXT,
    voucher_url TEXT
) STRICT;
CREATE INDEX orders_by_state ON orders (state);
CREATE INDEX orders_by_bill ON orders (department, bill_id);
CREATE TABLE transitions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    order_no TEXT NOT NULL REFERENCES orders (order_no),
    attempt INTEGER NOT NULL,
    out_trade_no TEXT NOT NULL,
    before TEXT,                -- NULL for the order's first
    after TEXT NOT NULL,
    cause TEXT NOT NULL,
    at TEXT NOT NULL,           -- RFC 3339, UTC
    digest TEXT NOT NULL        -- SHA-256 of the answer that caused it, or ''
) STRICT;
CREATE INDEX transitions_by_order ON transitions (order_no, seq);
CREATE TABLE happenings (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,         -- visit_started, item_started, item_ended, rated, visit_ended
    visit TEXT NOT NULL DEFAULT '',
    item TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT '',
    seconds REAL
) STRICT;

package main

import (
	"context"
	"database/sql"
	"time"

	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
)

// pgxInsert creates many orders in one round trip; ids come back in the order of the arrays.
const pgxInsert = "INSERT INTO orders(customer_id, wood_type, quantity, status, created_at, updated_at, revision) " +
	"SELECT c, w, q, s, $5, $5, 1 FROM unnest($1::text[], $2::text[], $3::int[], $4::text[]) AS n(c, w, q, s) " +
	"RETURNING id"

// pgxStore keeps orders in PostgreSQL through pgx: a pool that prepares what it is asked, and a goroutine that commits
// the creates that wait together.
type pgxStore struct {
	pool  *pgxpool.Pool
	queue chan *pgxCreate
}

type pgxCreate struct {
	draft *draft
	done  chan result
}

func openPGXStore(url string) (*pgxStore, error) {
	pool, err := pgxpool.Connect(context.Background(), url+"?sslmode=disable&pool_max_conns=16")
	if err != nil {
		return nil, err
	}
	s := &pgxStore{pool: pool, queue: make(chan *pgxCreate, mostTogether)}
	go s.run()
	return s, nil
}

func scanPGX(row pgx.Row) (*order, error) {
	var o order
	var created, updated time.Time
	err := row.Scan(&o.ID, &o.Customer, &o.WoodType, &o.Quantity, &o.Status, &created, &updated, &o.Revision)
	if err == pgx.ErrNoRows {
		err = sql.ErrNoRows
	}
	o.CreatedAt, o.UpdatedAt = moment(created.UnixMilli()), moment(updated.UnixMilli())
	return &o, err
}

func (s *pgxStore) get(ctx context.Context, id int64) (*order, error) {
	return scanPGX(s.pool.QueryRow(ctx, pqGet, id))
}

func (s *pgxStore) list(ctx context.Context, limit int) ([]*order, error) {
	rows, err := s.pool.Query(ctx, pqList, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	orders := make([]*order, 0, limit)
	for rows.Next() {
		o, err := scanPGX(rows)
		if err != nil {
			return nil, err
		}
		orders = append(orders, o)
	}
	return orders, rows.Err()
}

func (s *pgxStore) update(ctx context.Context, id int64, c *change) (*order, error) {
	now := time.Now().Truncate(time.Millisecond)
	updated, err := scanPGX(s.pool.QueryRow(ctx, pqUpdate, c.Status, now, id))
	if err == sql.ErrNoRows {
		return s.get(ctx, id)
	}
	return updated, err
}

func (s *pgxStore) create(ctx context.Context, d *draft) (*order, error) {
	w := &pgxCreate{draft: d, done: make(chan result, 1)}
	select {
	case s.queue <- w:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	r := <-w.done
	return r.order, r.err
}

func (s *pgxStore) run() {
	creates := make([]*pgxCreate, 0, mostTogether)
	for first := range s.queue {
		creates = append(creates[:0], first)
		for more := true; more && len(creates) < mostTogether; {
			select {
			case c := <-s.queue:
				creates = append(creates, c)
			default:
				more = false
			}
		}
		if err := s.commit(creates); err != nil {
			for _, c := range creates {
				c.done <- result{err: err}
			}
		}
	}
}

// commit stores orders in one statement, which is a transaction of its own, and answers who waits for them.
func (s *pgxStore) commit(creates []*pgxCreate) error {
	now := time.Now().Truncate(time.Millisecond)
	customers, woods, statuses := make([]string, len(creates)), make([]string, len(creates)), make([]string, len(creates))
	quantities := make([]int32, len(creates))
	for i, c := range creates {
		customers[i], woods[i], statuses[i] = c.draft.Customer, c.draft.WoodType, c.draft.Status
		quantities[i] = int32(c.draft.Quantity)
	}
	rows, err := s.pool.Query(context.Background(), pgxInsert, customers, woods, quantities, statuses, now)
	if err != nil {
		return err
	}
	ids := make([]int64, 0, len(creates))
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			rows.Close()
			return err
		}
		ids = append(ids, id)
	}
	if rows.Err() != nil {
		return rows.Err()
	}
	for i, c := range creates {
		c.done <- result{order: c.draft.order(ids[i], moment(now.UnixMilli()))}
	}
	return nil
}

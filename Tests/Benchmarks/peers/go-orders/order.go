package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// moment is a time in milliseconds since 1970, written as RFC 3339.
type moment int64

func (m moment) MarshalJSON() ([]byte, error) {
	return time.UnixMilli(int64(m)).UTC().AppendFormat(nil, `"2006-01-02T15:04:05.000Z"`), nil
}

// Scan takes the time as SQLite has it, or as PostgreSQL's drivers hand it over.
func (m *moment) Scan(value interface{}) error {
	switch v := value.(type) {
	case int64:
		*m = moment(v)
	case time.Time:
		*m = moment(v.UnixMilli())
	default:
		return errors.New("not a time")
	}
	return nil
}

// order is a row of the table, and as JSON what clients get.
type order struct {
	ID        int64   `json:"id"`
	Customer  *string `json:"customer_id"`
	WoodType  string  `json:"wood_type"`
	Quantity  int     `json:"quantity"`
	Status    string  `json:"status"`
	CreatedAt moment  `json:"created_at"`
	UpdatedAt moment  `json:"updated_at"`
	Revision  int     `json:"revision"`
}

// draft is what a client says of a new order.
type draft struct {
	Customer string `json:"customer_id"`
	WoodType string `json:"wood_type"`
	Quantity int    `json:"quantity"`
	Status   string `json:"status"`
}

// change is what a client wants changed.
type change struct {
	Status string `json:"status"`
}

const maxBody = 1 << 20

var (
	woodTypes = map[string]bool{"oak": true, "maple": true, "birch": true, "elm": true, "pine": true}
	statuses  = map[string]bool{
		"registered": true, "ready": true, "shipped": true, "blocked": true, "closed": true, "unknown": true,
	}
)

func (d *draft) check() error {
	if d.Status == "" {
		d.Status = "registered"
	}
	switch {
	case d.Customer == "" || len(d.Customer) > 128:
		return errors.New("customer_id is missing or too long")
	case !woodTypes[d.WoodType]:
		return errors.New("unknown wood_type")
	case d.Quantity < 1 || d.Quantity > 1_000_000:
		return errors.New("quantity is outside 1...1000000")
	case !statuses[d.Status]:
		return errors.New("unknown status")
	}
	return nil
}

// order returns what was created from the draft.
func (d *draft) order(id int64, now moment) *order {
	return &order{
		ID: id, Customer: &d.Customer, WoodType: d.WoodType, Quantity: d.Quantity, Status: d.Status,
		CreatedAt: now, UpdatedAt: now, Revision: 1,
	}
}

func (c *change) check() error {
	if !statuses[c.Status] {
		return errors.New("unknown status")
	}
	return nil
}

// decode reads the body of a request strictly: one JSON value, no unknown members.
func decode(response http.ResponseWriter, request *http.Request, value interface{ check() error }) error {
	body, err := io.ReadAll(http.MaxBytesReader(response, request.Body, maxBody))
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		return err
	}
	return value.check()
}

package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"strconv"
	"strings"
)

// reader finds orders.
type reader interface {
	// get returns sql.ErrNoRows where there is no order with that id.
	get(ctx context.Context, id int64) (*order, error)
	// list returns the first orders, by id.
	list(ctx context.Context, limit int) ([]*order, error)
}

// writer makes changes durable before it returns.
type writer interface {
	create(ctx context.Context, d *draft) (*order, error)
	// update returns sql.ErrNoRows where there is no order with that id.
	update(ctx context.Context, id int64, c *change) (*order, error)
}

// service answers the requests.
type service struct {
	reads  reader
	writes writer
}

func (s *service) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	path := strings.TrimPrefix(request.URL.Path, "/orders")
	switch {
	case len(path) == len(request.URL.Path):
		http.NotFound(response, request)
	case path == "" && request.Method == http.MethodGet:
		s.list(response, request)
	case path == "" && request.Method == http.MethodPost:
		s.create(response, request)
	case path != "" && request.Method == http.MethodGet:
		s.get(response, request, path[1:])
	case path != "" && request.Method == http.MethodPut:
		s.update(response, request, path[1:])
	default:
		http.Error(response, "method not allowed", http.StatusMethodNotAllowed)
	}
}

func (s *service) list(response http.ResponseWriter, request *http.Request) {
	limit := 100
	if text := request.URL.Query().Get("limit"); text != "" {
		number, err := strconv.Atoi(text)
		if err != nil || number < 1 || number > 1000 {
			http.Error(response, "limit is outside 1...1000", http.StatusBadRequest)
			return
		}
		limit = number
	}
	orders, err := s.reads.list(request.Context(), limit)
	answer(response, http.StatusOK, orders, err)
}

func (s *service) create(response http.ResponseWriter, request *http.Request) {
	var d draft
	if err := decode(response, request, &d); err != nil {
		http.Error(response, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	created, err := s.writes.create(request.Context(), &d)
	if err == nil {
		response.Header().Set("Location", "/orders/"+strconv.FormatInt(created.ID, 10))
	}
	answer(response, http.StatusCreated, created, err)
}

func (s *service) get(response http.ResponseWriter, request *http.Request, text string) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		http.NotFound(response, request)
		return
	}
	found, err := s.reads.get(request.Context(), id)
	answer(response, http.StatusOK, found, err)
}

func (s *service) update(response http.ResponseWriter, request *http.Request, text string) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		http.NotFound(response, request)
		return
	}
	var c change
	if err := decode(response, request, &c); err != nil {
		http.Error(response, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	updated, err := s.writes.update(request.Context(), id, &c)
	answer(response, http.StatusOK, updated, err)
}

func answer(response http.ResponseWriter, status int, value interface{}, err error) {
	if errors.Is(err, context.Canceled) {
		return // the client is gone
	}
	if errors.Is(err, sql.ErrNoRows) {
		http.Error(response, "unknown order", http.StatusNotFound)
		return
	}
	var body []byte
	if err == nil {
		body, err = json.Marshal(value)
	}
	if err != nil {
		log.Print(err)
		http.Error(response, "internal error", http.StatusInternalServerError)
		return
	}
	header := response.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	response.WriteHeader(status)
	response.Write(body)
}

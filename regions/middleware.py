def scope_of_membership(get_response):
    return get_response

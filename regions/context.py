def who_and_where(request):
    return {}
